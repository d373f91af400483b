"""Tables that belong to the machinery: answers that a repeated request gets again."""

from django.db import models

from callastar.core import clock


class IdempotentAnswer(models.Model):
    """The first answer to a state-changing API call that carried an `Idempotency-Key`."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(
        max_length=64, help_text="who asked: a person's id, or a session's or address's digest"
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="digest of method, path and body")
    status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="empty while the first call runs"
    )
    content_type = models.CharField(max_length=80, blank=True)
    body = models.BinaryField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key"),)
        indexes = (models.Index(fields=["created_at"], name="answers_by_age"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
