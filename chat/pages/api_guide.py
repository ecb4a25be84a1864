from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from chat.markup import render as render_markup
from chat.models import ApiKey

from .access import Request, signed_in
from .models import choice_for


@signed_in
@require_safe
def api_guide(request: Request) -> HttpResponse:
    """How a program asks the models here, with the person's own keys and a model that they may use."""
    keys = ApiKey.objects.filter(owner=request.user.pk)
    model = choice_for(request.user).model
    key = keys.usable().first()
    text = render_to_string(
        "account/api_guide.md",
        {
            "base_url": request.build_absolute_uri("/v1"),
            "model": model.model_id if model else "the-id-of-a-model",
            "key": f"{key.prefix if key else 'sk-'}…",
        },
    )
    guide = mark_safe(render_markup(text, "guide"))  # noqa: S308  sanitised by chat.markup
    return render(
        request, "account/api_guide.html", {"keys": keys, "guide": guide, "may_issue": settings.USER_KEYS}
    )
