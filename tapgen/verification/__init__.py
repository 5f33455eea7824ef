"""Whether what is deployed works and is protected as configured, for ``tapgen verify``. Leaves nothing behind."""
