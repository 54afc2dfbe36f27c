"""All rules, in the order in which they run."""

from ckanext.sozialdaten.disclosure.rules import (
    address,
    azr_number,
    birth_date,
    case_number,
    dominance,
    duplicate_person,
    email,
    free_text,
    group_disclosure,
    health_number,
    hidden_content,
    iban,
    identity_card,
    ip_address,
    k_anonymity,
    l_diversity,
    licence_plate,
    location,
    minimum_frequency,
    name,
    pension_number,
    phone,
    pseudonym,
    rate_inversion,
    recoverable_suppression,
    reidentification_risk,
    release_difference,
    small_area,
    suppression_mark,
    t_closeness,
    tax_id,
)
from ckanext.sozialdaten.disclosure.rules._rule import Rule

__all__ = ["ALL_RULES", "IDENTIFIER_RULES", "TABLE_RULES", "Rule"]

IDENTIFIER_RULES: tuple[Rule, ...] = (
    name.RULE,
    address.RULE,
    birth_date.RULE,
    email.RULE,
    phone.RULE,
    iban.RULE,
    tax_id.RULE,
    pension_number.RULE,
    health_number.RULE,
    azr_number.RULE,
    identity_card.RULE,
    case_number.RULE,
    case_number.FILE,
    case_number.HOUSEHOLD,
    licence_plate.RULE,
    ip_address.RULE,
    location.RULE,
    pseudonym.RULE,
    free_text.RULE,
    hidden_content.RULE,
)

TABLE_RULES: tuple[Rule, ...] = (
    minimum_frequency.RULE,
    recoverable_suppression.RULE,
    recoverable_suppression.SMALL_DIFFERENCE,
    rate_inversion.RULE,
    dominance.RULE,
    group_disclosure.RULE,
    suppression_mark.RULE,
    k_anonymity.RULE,
    l_diversity.RULE,
    t_closeness.RULE,
    reidentification_risk.RULE,
    reidentification_risk.GLOBAL,
    duplicate_person.RULE,
)

ALL_RULES: tuple[Rule, ...] = (
    *IDENTIFIER_RULES,
    *TABLE_RULES,
    release_difference.RULE,
    small_area.RULE,
)
