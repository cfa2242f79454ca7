"""`/invoices/{invoice_id}/reminders/{step}/pdf`: a reminder on paper. Mails with the same words are sent by themselves."""

from __future__ import annotations

from chalicelib.domain.errors import NotFound
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.handlers.accounts import PaperFileAnswer, answer_file
from chalicelib.handlers.api import Api
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import reminder_letters

api = Api(__name__)


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/reminders/{step}/pdf",
    permission="billing:read",
    summary="A link to a reminder letter of today",
    answer=PaperFileAnswer,
    statuses=(202,),
)
def get_reminder_letter(request: Request) -> Answer:
    """The link, or 202 while the PDF is being drawn; 409 where nothing is owed or the step does not fit the day."""
    step = request.path["step"]
    if step not in set(ReminderTemplate):
        raise NotFound("reminder", step)
    return answer_file(reminder_letters.find_letter(request.deps, request.path["invoice_id"], ReminderTemplate(step)))
