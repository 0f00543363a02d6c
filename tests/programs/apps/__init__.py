"""Apps of somebody's own: tests copy them into a project, with another text."""
