"""DynamoDB: what MiniStack's tables leave out."""
