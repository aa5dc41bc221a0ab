"""The Lambda functions: one folder, one function, one IAM role."""
