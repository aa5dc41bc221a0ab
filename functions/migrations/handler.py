"""Lambda entry point of `migrations`: invoked by a deploy, and by the operator."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.migrations import deploys, service
from shared import settings, start
from shared.errors import ReViewPointException
from shared.observability import logger
from shared.source import Source, set_source

start.end(settings.database, settings.passwords, settings.audit, settings.log)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Do one action and say so in `message`; an error that the operator can mend comes back as `error`.

    Events:
        {"action": "migrate"}: bring the schema up to date.
        {"action": "maintain"}, or a schedule's: make the audit trail's next partitions, drop those that are over.
        {"RequestType": ..., "ResponseURL": ...}: CloudFormation's, in a deploy; the schema and the functions' roles.
        {"action": "create_admin", "username": ..., "email": ..., "password": ...}: make the first admin, or make
            an admin of an account that has that username.
    """
    match event:
        case {"RequestType": str(), "ResponseURL": str()}:
            return {"message": deploys.answer(event, service.deploy, log_stream=context.log_stream_name)}
        case {"action": "migrate"}:
            return {"message": service.migrate()}
        case {"action": "maintain"} | {"source": "aws.events"}:
            return {"message": service.maintain()}
        case {"action": "create_admin", "username": str(username), "email": str(email), "password": str(password)}:
            set_source(Source(request_id=context.aws_request_id))
            try:
                return {"message": service.create_admin(username=username, email=email, password=password)}
            except ReViewPointException as error:
                problem = error.details or {}
                return {"error": f"{problem['field']}: {problem['issue']}" if "field" in problem else error.message}
        case _:
            raise ValueError('Unknown event; "action" is "migrate", "maintain" or "create_admin".')
