"""A mail before the month gets more expensive than planned."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra_cdk.config import Environment

TAG = "reviewpoint:environment"


class Budget(Construct):
    """Told at 80 % of what was spent, and as soon as the forecast passes the whole."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=environment.prefix,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=environment.monthly_budget_usd, unit="USD"),
                # Counts only once the tag is activated for cost allocation, by hand: docs/operations.md.
                cost_filters={"TagKeyValue": [f"user:{TAG}${environment.name}"]},
            ),
            notifications_with_subscribers=[
                _told(environment.alert_email, "ACTUAL", 80),
                _told(environment.alert_email, "FORECASTED", 100),
            ],
        )


def _told(email: str, kind: str, percent: int) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            notification_type=kind, comparison_operator="GREATER_THAN", threshold=percent
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=email)],
    )
