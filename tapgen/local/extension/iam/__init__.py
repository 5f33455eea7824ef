"""IAM: what a request is authorised as, on what, and the record of each decision."""
