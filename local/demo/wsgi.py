"""The product's own WSGI application, by the demo's clock."""

from local.demo.clock import travel

travel()

from config.wsgi import application  # noqa: E402

__all__ = ["application"]
