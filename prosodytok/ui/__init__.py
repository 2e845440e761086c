"""What a person looks at and clicks: the report, the app, the demo."""
