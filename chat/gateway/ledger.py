"""Money and rates of the requests that an allowance holds for: set aside before, settled after, once.

Each of both is one transaction. In it the rows of the allowances are locked, so that of twenty requests at the
last cent only those get through that it is enough for. What no allowance holds for is not looked at before, and
written down in batches after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from chat.completions import Adjustment, BudgetExceeded, ChatRequest, Usage
from chat.models import Allowance, Balance, Charge, ModelRequest, Price, Prices, Worker
from chat.models.model_request import Measure

from .admission import WHOM_TO_ASK, Admission, Purse, last_to_pass
from .call import Call
from .estimate import tokens_of_text
from .payer import Payer
from .routing import Way

# Output that a model may write if nobody says how much: more than most do, and what is not used is given back.
USUAL_MOST_OUTPUT = 32_768
# Less than this is no answer; it is also the least that OpenAI's Responses API takes.
LEAST_OUTPUT = 16


def reserve(call: Call, ways: Sequence[Way]) -> Sequence[Way]:
    """Admit it and set its money aside; the ways that it can pay for. Raises RateLimited and BudgetExceeded."""
    with transaction.atomic():
        allowances = _locked(call.payer)
        admission = Admission(allowances, call.created_at)
        tokens = call.prompt_tokens
        call.limits = admission.rates(tokens)
        money = Decimal(0)
        if purses := admission.purses():
            ways, money = _fit(call, purses, ways, tokens)
        # A process that was taken for dead has no row until it reports again.
        worker = call.record.worker
        call.record.worker = worker and Worker.objects.filter(pk=worker.pk).first()
        call.record.save(force_insert=True)
        Charge.objects.bulk_create(Charge.of(call.record, each, tokens, money) for each in allowances)
        Balance.objects.filter(allowance__in=allowances).running_at(call.created_at).reserve(money)
    call.is_reserved = True
    return ways


def settle(call: Call) -> None:
    """Pay what it cost and let go of the rest. Of two that settle the same request only the first does."""
    call.record.cost = call.prices().cost(call.usage, call.media)
    settle_request(call.record)
    call.keep_bodies()


def settle_abandoned(request: ModelRequest) -> None:
    """One whose process died: what was saved of its answer is paid for."""
    first = request.charges.first()
    answer = request.message
    said = answer.reasoning + answer.said if answer else ""
    usage = Usage(first.tokens if first else 0, tokens_of_text(len(said.encode())), 0).added_up()
    request.count(usage, Measure.ESTIMATED)
    request.end(ModelRequest.Status.INTERRUPTED)
    day = timezone.localdate(request.created_at)
    prices = Price.objects.at(request.upstream, request.model_name, day) if request.upstream else Prices()
    request.cost = prices.cost(usage)
    settle_request(request)


def settle_request(request: ModelRequest) -> None:
    cost = request.cost or Decimal(0)
    with transaction.atomic():
        # In the order in which they are reserved from, or each of two could wait for the other's balance.
        charged = Allowance.objects.filter(charges__request=request)
        list(charged.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        if not request.write_end():
            return
        for charge in request.charges.order_by("allowance_id"):
            balances = Balance.objects.filter(allowance=charge.allowance_id).running_at(charge.created_at)
            balances.settle(charge.amount, cost)
        request.charges.update(settled_at=timezone.now(), tokens=request.tokens, amount=cost)


def write(calls: Sequence[Call]) -> None:
    """Write down those that nothing was set aside for.

    An allowance that was made since they were asked is charged for them, so that it misses none.
    """
    _price(calls)
    with transaction.atomic():
        is_any_limited = Allowance.objects.holding_for_any(
            {call.payer.user for call in calls}, {call.payer.key for call in calls if call.payer.key}
        ).exists()
        charged = [(call.record, _opened(call)) for call in calls] if is_any_limited else []
        ModelRequest.objects.bulk_create(_unnumbered([call.record for call in calls]))
        for request, allowances in charged:
            _charge_at_once(request, allowances)
        for call in calls:
            call.keep_bodies()


def _locked(payer: Payer) -> list[Allowance]:
    """In one order, so that two that wait for each other's do not wait for ever."""
    holding = Allowance.objects.holding_for(payer.user, payer.key)
    return list(holding.select_related("group").select_for_update(of=("self",)).order_by("pk"))


def _fit(
    call: Call, purses: Sequence[Purse], ways: Sequence[Way], tokens: int
) -> tuple[Sequence[Way], Decimal]:
    """The ways whose price is known, and what the dearest takes at most.

    Where that is more than there is, the answer is to be shorter.
    """
    on = timezone.localdate(call.created_at)
    prices = Price.objects.of_routes([way.route for way in ways], on)
    ways = [way for way in ways if prices[way.route.pk]]
    if not ways:
        raise BudgetExceeded(
            f"What {call.request.model} costs is not known, so that it cannot be used within a budget. "
            f"{WHOM_TO_ASK}",
            code="price_unknown",
        )
    known = [prices[way.route.pk] for way in ways]
    n, asked, media = call.request.n, _output(call.request, ways), call.media
    most = max(each.most(tokens, asked * n, media) for each in known)
    left = min(purse.left for purse in purses)
    if most <= max(left, Decimal(0)):
        return ways, most

    def affordable(money: Decimal) -> int:
        return min(each.affordable(money, tokens, media) for each in known) // n

    if short := [purse for purse in purses if affordable(purse.left) < min(LEAST_OUTPUT, asked)]:
        raise last_to_pass([purse.exceeded(call.created_at) for purse in short])
    output = affordable(left)
    call.adjustments += (Adjustment("max_completion_tokens", str(output)),)
    return [way.within(output) for way in ways], left


def _output(request: ChatRequest, ways: Sequence[Way]) -> int:
    """The tokens that may be written at most."""
    most = max(way.most_output or USUAL_MOST_OUTPUT for way in ways)
    return min(request.max_output_tokens or most, most)


def _price(calls: Sequence[Call]) -> None:
    """One question for each model, however many requests it had."""
    known: dict[tuple[object, ...], Prices] = {}
    for call in calls:
        record = call.record
        same = record.upstream_id, record.model_name, timezone.localdate(record.created_at)
        if same not in known:
            known[same] = call.prices()
        record.cost = known[same].cost(call.usage, call.media)


def _opened(call: Call) -> list[Allowance]:
    """The allowances that hold by now, with balances that do not count this request yet."""
    allowances = _locked(call.payer)
    for allowance in allowances:
        allowance.balances(call.created_at)
    return allowances


def _unnumbered(requests: list[ModelRequest]) -> list[ModelRequest]:
    """A number from a transaction that was undone is another's by now."""
    for request in requests:
        request.pk = None
    return requests


def _charge_at_once(request: ModelRequest, allowances: Iterable[Allowance]) -> None:
    cost = request.cost or Decimal(0)
    Charge.objects.bulk_create(
        Charge.of(request, each, request.tokens, cost, settled_at=timezone.now()) for each in allowances
    )
    Balance.objects.filter(allowance__in=allowances).running_at(request.created_at).settle(Decimal(0), cost)
