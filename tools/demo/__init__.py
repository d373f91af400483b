"""The whole site on one machine: PostgreSQL, three sandboxes, web and worker, with people and offers to look at."""
