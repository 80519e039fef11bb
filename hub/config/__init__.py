"""Reading and keeping configuration: settings, YAML with file and line, versioned documents, the folder's lock."""
