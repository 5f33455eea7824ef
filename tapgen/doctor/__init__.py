"""``tapgen doctor``: why something does not work here, before it is tried.

    machine      Python, the packages, the clock
    project      the configuration, what an earlier command left behind
    account      region, endpoint, credentials, bootstrap, the caller's permissions, lock and stack

Every check answers with findings and raises nothing: what cannot be looked at is a finding, too. Changes nothing.
"""
