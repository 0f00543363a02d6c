"""The stack on a Docker Swarm: thin words over docker's own."""
