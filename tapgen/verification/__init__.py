"""Whether what is deployed works and is protected as configured: ``tapgen verify``. Reads, and leaves nothing behind."""
