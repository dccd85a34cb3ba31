"""What a provider of OpenID Connect makes its answers of."""
