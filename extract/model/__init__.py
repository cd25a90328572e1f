"""The optional model extractor: articles to claims through any endpoint that speaks the OpenAI protocol."""
