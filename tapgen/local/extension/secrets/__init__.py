"""Secrets Manager and Parameter Store: types of CloudFormation, and what reading is authorised on."""
