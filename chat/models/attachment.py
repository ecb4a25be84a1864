from django.db import models

from .public_id import PublicIdField


class Attachment(models.Model):
    """A file that belongs to a message."""

    public_id = PublicIdField()
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
