from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from chat.models import Message

from .access import Request, signed_in


@signed_in
@require_safe
def details(request: Request, public_id: str) -> HttpResponse:
    """How an answer came about: one request to a model, or several of one that was continued."""
    answers = Message.objects.owned_by(request.user).filter(role=Message.Role.ASSISTANT)
    message = get_object_or_404(answers.select_related("model"), public_id=public_id)
    requests = message.model_requests.order_by("created_at", "pk")
    return render(request, "chat/_details.html", {"message": message, "requests": requests})
