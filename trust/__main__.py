import sys

try:
    # Inside: Ctrl-C may well come while this is still loading.
    from trust.cli import main

    code = main()
except KeyboardInterrupt:
    print("certs: interrupted", file=sys.stderr)
    code = 130
sys.exit(code)
