from django.urls.converters import StringConverter

from chat.models.public_id import PATTERN


class PublicIdConverter(StringConverter):
    regex = PATTERN
