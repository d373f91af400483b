"""The site as it runs in production: granian with the ASGI application, a worker, and the sandboxes behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.sandbox_program import SandboxProgram
from tests.servers import free_address, product_environment, running_web, running_worker


@contextmanager
def running_site(
    *, stripe: SandboxProgram, daily: SandboxProgram, resend: SandboxProgram, media: Path
) -> Iterator[str]:
    """Start site and worker on the test database; gives the address."""
    address = free_address()
    environment = product_environment(
        site=address,
        stripe=stripe,
        daily=daily,
        resend=resend,
        MEDIA_ROOT=str(media),
        RECORDING_ENABLED="true",
    )
    with running_web(environment, address), running_worker(environment):
        yield address
