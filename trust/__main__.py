import sys

try:
    # Inside the try: Ctrl-C may come while the imports still run.
    from trust.cli import main

    code = main()
except KeyboardInterrupt:
    print("certs: interrupted", file=sys.stderr)
    code = 130
sys.exit(code)
