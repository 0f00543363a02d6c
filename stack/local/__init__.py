"""The stack without Docker: three processes under supervisord."""
