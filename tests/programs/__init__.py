"""Programs that the tests run as processes of their own, or give to somebody: files, so
that they are linted. tests/support/programs.py starts them and reads them."""
