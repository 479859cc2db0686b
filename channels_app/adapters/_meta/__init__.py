"""What WhatsApp, Messenger and Instagram have in common: Meta's envelope, signatures, Graph API and its errors."""
