"""What the functions share: settings, clients. Imports stay few, because every one is paid at each cold start."""
