"""The human side of the sandbox: Payment Element, 3-D Secure, hosted onboarding and the dashboard."""
