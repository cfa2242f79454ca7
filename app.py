"""The Chalice app: routes and events to their doors in `chalicelib.handlers`; a function here is a Lambda function. No logic."""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, DynamoDBEvent, Rate, SQSEvent

from chalicelib.domain.customer import Frequency
from chalicelib.handlers import doors
from chalicelib.handlers.chalice_refusals import translate_refusals
from chalicelib.handlers.event_patterns import REPORTS_OF_MAIL, created_under
from chalicelib.handlers.routes import BLUEPRINTS

app = Chalice("billing")
app.register_middleware(translate_refusals, "http")
for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)


@app.schedule(Cron(5, "*", "*", "*", "?", "*"))
def generate_daily(event: CloudWatchEvent) -> None:
    """Bill daily customers that are due."""
    doors.on_schedule.generate(event.to_dict(), Frequency.DAILY)


@app.schedule(Cron(10, "*", "*", "*", "?", "*"))
def generate_weekly(event: CloudWatchEvent) -> None:
    """Bill weekly customers that are due."""
    doors.on_schedule.generate(event.to_dict(), Frequency.WEEKLY)


@app.schedule(Cron(15, "*", "*", "*", "?", "*"))
def generate_monthly(event: CloudWatchEvent) -> None:
    """Bill monthly customers that are due."""
    doors.on_schedule.generate(event.to_dict(), Frequency.MONTHLY)


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> None:
    """Re-drive what stayed undone."""
    doors.on_schedule.sweep(event.to_dict())


@app.schedule(Cron(30, 8, "*", "*", "?", "*"))
def remind_customers(event: CloudWatchEvent) -> None:
    """Remind of invoices that are due, and tell which became overdue."""
    doors.on_schedule.remind(event.to_dict())


@app.schedule(Cron(20, 3, "*", "*", "?", "*"))
def reconcile_books(event: CloudWatchEvent) -> None:
    """Check that the books hold what the rules promise."""
    doors.on_schedule.reconcile(event.to_dict())


@app.on_sqs_message(queue="bill", batch_size=1, maximum_concurrency=20)
def bill_customers(event: SQSEvent) -> dict[str, Any]:
    """Do the messages of the work queue; the queue's real name is given at deployment."""
    return doors.on_queue.handle_messages(event.to_dict())


@app.on_sqs_message(queue="notices", batch_size=10, maximum_concurrency=10)
def send_notices(event: SQSEvent) -> dict[str, Any]:
    """Send webhooks; the queue's real name is given at deployment."""
    return doors.on_notice.handle_notices(event.to_dict())


@app.on_sqs_message(queue="mails", batch_size=10, maximum_concurrency=10)
def send_mails(event: SQSEvent) -> dict[str, Any]:
    """Send mails and decide reminders; the queue's real name is given at deployment."""
    return doors.on_mail.handle_mails(event.to_dict())


@app.on_dynamodb_record(stream_arn="billing", batch_size=100, starting_position="TRIM_HORIZON")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Write down what was done to the books and tell of it; the stream's real name is given at deployment."""
    return doors.on_change.record_changes(event.to_dict())


@app.on_cw_event(created_under("documents/"))
def render_document(event: CloudWatchEvent) -> None:
    """Make the PDF of a document that was frozen."""
    doors.on_upload.render_document(event.to_dict())


@app.on_cw_event(created_under("usage/incoming/"))
def import_usage(event: CloudWatchEvent) -> None:
    """Take in a usage file that was dropped."""
    doors.on_upload.import_usage(event.to_dict())


@app.on_cw_event(REPORTS_OF_MAIL)
def note_bounce(event: CloudWatchEvent) -> None:
    """Note what SES reports of a mail."""
    doors.on_mail_report.note_bounce(event.to_dict())
