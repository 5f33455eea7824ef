"""A whole rollout, failures included, on a private embedded AWS: does each guard do what it is there for?

``scenarios`` says what happens and what must come of it, ``faults`` makes the candidates that misbehave, ``sources``
copies the project, ``stage`` is the embedded AWS with traffic on it, ``recorder`` watches, ``judging`` decides, and
``rehearse`` is the order of it all. What was seen is written by ``timeline``, ``drawing`` and ``report``.

Deploys go through ``tapgen.deploy`` alone, the way a user's do. The user's own tree is read and never written.
"""
