"""E-mails that tell people what waits for them. A job sends them, after the decision is stored.

A message holds a sentence, a link, and the title only of a dataset that is public: what a working
copy is called is internal, and so are findings, reasons and comments. It goes to people who may
open the link at the moment of sending. CKAN's accounts have no language: every message says it in
German and in English. Without a mail server nothing is lost, because the overview says the same.
"""

import logging

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.common import config
from ckan.lib import mailer
from ckan.types import Context
from redis.exceptions import RedisError

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _people_model, _roles, _writers
from ckanext.sozialdaten.publishing.model import (
    Dataset,
    Release,
    Reviewer,
    Submission,
    latest_release,
)

__all__ = ["send", "tell"]

log = logging.getLogger(__name__)

SUBMITTED = "submitted"
ANSWERED = "answered"
STANDING_ENDED = "standing_ended"
WITHDRAWN = "withdrawn"
_TEXTS = {
    SUBMITTED: Message("A dataset waits for your review."),
    ANSWERED: Message("Your question about a dataset was answered."),
    "returned": Message("The reviewer asks back about your dataset."),
    "rejected": Message("Your dataset was sent back."),
    "approved": Message("Your dataset was released."),
    WITHDRAWN: Message("A release of your dataset was withdrawn."),
    STANDING_ENDED: Message("A standing approval of yours has ended."),
}
_DEPUTY = Message("You get this message in place of a reviewer who is away.")
_FOOTER = Message("Sign in to read more. This message names no figures and no findings.")


def tell(event: str, object_id: str) -> None:
    """Queue the messages of an event; whatever is wrong with them is no error of the caller."""
    try:
        tk.enqueue_job(send, [event, object_id], title=f"notice {event}")
    except RedisError:
        log.warning("The notices of %s were not queued.", event)


def send(event: str, object_id: str) -> int:
    """The job: tell everybody whom an event concerns.

    Args:
        event: what happened.
        object_id: id of the submission, of the release (withdrawn) or of the standing approval.

    Returns:
        How many messages left the portal.
    """
    if not config.get("smtp.mail_from"):
        log.warning("No notices of %s were sent: smtp.mail_from is not configured.", event)
        return 0
    found = _concerned(event, object_id)
    if found is None:
        return 0
    event, people, released_id, link = found
    sent = 0
    for user_id in people:
        sent += _mail(event, user_id, released_id, link, deputy=False)
        for deputy_id in _roles.deputies_of(user_id):
            if deputy_id not in people:
                sent += _mail(event, deputy_id, released_id, link, deputy=True)
    return sent


_Concerned = tuple[str, list[str], str | None, str]


def _concerned(event: str, object_id: str) -> _Concerned | None:
    """The event as people know it, whom it concerns, the released dataset, and a link."""
    if event == STANDING_ENDED:
        standing = _people_model.Standing.get(object_id)
        if standing is None:
            return None
        link = tk.url_for("sozialdaten_people.standing", qualified=True)
        people = [standing.reviewer_id] if Reviewer.current(standing.reviewer_id) else []
        return event, people, _released(standing.working_copy_id), link
    if event == WITHDRAWN:
        release = Release.get(object_id)
        if release is None:
            return None
        return _for_staff(event, release.working_copy_id, release.submitted_by)
    submission = Submission.get(object_id)
    if submission is None or model.Package.get(submission.dataset_id) is None:
        return None
    if event == SUBMITTED:
        return _for_reviewers(submission)
    return _for_staff(event, submission.dataset_id, submission.submitted_by)


def _released(working_copy_id: str) -> str | None:
    row = Dataset.of_working_copy(working_copy_id)
    return row.released_id if row else None


def _for_staff(event: str, working_copy_id: str, user_id: str) -> _Concerned | None:
    """Who submitted, if they may still edit the working copy."""
    user = model.User.get(user_id)
    package = model.Package.get(working_copy_id)
    if user is None or package is None:
        return None
    context = Context(user=user.name, auth_user_obj=user)
    asked = authz.is_authorized("package_update", context, {"id": package.id})
    people = [user.id] if asked.get("success") else []
    link = tk.url_for("dataset.read", id=package.id, qualified=True)  # its name is internal
    return event, people, _released(package.id), link


def _for_reviewers(submission: Submission) -> _Concerned | None:
    """Who asked back; if nobody did, all reviewers who may decide."""
    link = tk.url_for("sozialdaten_gate.review", submission_id=submission.id, qualified=True)
    released = _released(submission.dataset_id)
    asked = [user for user in _roles.asked_back(submission.dataset_id) if Reviewer.current(user)]
    if asked:
        return ANSWERED, asked, released, link
    out = {submission.submitted_by, *_writers.writers(submission.dataset_id)}
    people = [user_id for user_id in _roles.reviewer_ids() if user_id not in out]
    return SUBMITTED, people, released, link


def _mail(event: str, user_id: str, released_id: str | None, link: str, *, deputy: bool) -> int:
    user = model.User.get(user_id)
    if user is None or user.state != "active" or not user.email:
        return 0
    text = _TEXTS[event].both()
    live = latest_release(released_id) if released_id else None
    title = str(live.record["public"]["title"]) if live else ""
    lines = [*text.values(), "", *([title] if title else []), link, ""]
    lines += [*_DEPUTY.both().values()] if deputy else []
    lines += [*_FOOTER.both().values()]
    try:
        mailer.mail_user(user, f"{text['de']} / {text['en']}", "\n".join(lines))
    except (mailer.MailerException, OSError):
        log.warning("A notice of %s was not sent: the mail server refused it.", event)
        return 0
    return 1
