"""`make bench`: this server beside tipg, pygeoapi, PostgreSQL alone and nginx, in one run."""
