"""Users that nobody is: whoever tries the service out works under such a name, and the archive does not keep it."""

SYNTHETIC_USER_PREFIX = "synthetic:"
