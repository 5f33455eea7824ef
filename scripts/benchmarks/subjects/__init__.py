"""What the handler benchmark measures: modules with a ``client`` and a ``handler``, each run in a process of its own.

They run in an environment with the peers' libraries, which is not the one that this project is developed in.
"""
