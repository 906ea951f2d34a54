"""The numbers texts are sent from."""
