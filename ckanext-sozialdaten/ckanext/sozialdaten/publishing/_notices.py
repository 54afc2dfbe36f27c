"""E-mails that tell people what waits for them. A job sends them, after the decision is stored.

A message holds a sentence, a link, and the title only of a dataset that is public: what a working
copy is called is internal, and so are findings, reasons and comments. It goes to people who may
open the link at the moment of sending. CKAN's accounts have no language: every message says it in
German and in English. Without a mail server nothing is lost, because the overview says the same.
"""

import logging
from collections.abc import Callable

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model
from ckan.common import config
from ckan.lib import mailer
from ckan.types import Context
from redis.exceptions import RedisError

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _people_model, _publishers, _roles, _writers
from ckanext.sozialdaten.publishing.model import (
    Dataset,
    Release,
    Reviewer,
    Submission,
    latest_release,
)

__all__ = ["deliver", "queue", "send", "tell"]

log = logging.getLogger(__name__)

SUBMITTED = "submitted"
ANSWERED = "answered"
CLEARED = "cleared"
COMMENTED = "commented"
PROPOSED = "proposed"
GRANTED = "granted"
STANDING_ENDED = "standing_ended"
TEXT_APPROVED = "text_approved"
TEXT_REJECTED = "text_rejected"
TEXT_SUBMITTED = "text_submitted"
WITHDRAWN = "withdrawn"
# What has happened, and what to do now.
_TEXTS = {
    SUBMITTED: (
        Message("A dataset waits for your review."),
        Message("Read what is new and what the check found, then approve, ask back or reject."),
    ),
    ANSWERED: (
        Message("Your question about a dataset was answered."),
        Message("Read the answer and decide on the new submission."),
    ),
    CLEARED: (
        Message("A dataset waits to be published by you."),
        Message("A reviewer has approved it. Look at it once more, then publish it."),
    ),
    COMMENTED: (
        Message("Somebody commented on a dataset that you work on."),
        Message("Read the comment and answer it where it stands."),
    ),
    "returned": (
        Message("The reviewer asks back about your dataset."),
        Message("Answer the question, change the files if need be, and submit it again."),
    ),
    "rejected": (
        Message("Your dataset was sent back."),
        Message("Read the reason, correct the working copy, and submit it again."),
    ),
    "approved": (
        Message("Your dataset was released."),
        Message("Everybody can read it now. For new figures go on in the working copy."),
    ),
    WITHDRAWN: (
        Message("A release of your dataset was withdrawn."),
        Message("The public no longer sees it. Read the reason at the working copy."),
    ),
    STANDING_ENDED: (
        Message("A standing approval of yours has ended."),
        Message("New deliveries of this source wait for a decision from now on."),
    ),
    TEXT_SUBMITTED: (
        Message("A text for the public waits for your review."),
        Message("Read what changed, then approve or reject it."),
    ),
    TEXT_APPROVED: (
        Message("Your text for the public was approved."),
        Message("Everybody can read it now. A change begins as a new version."),
    ),
    TEXT_REJECTED: (
        Message("Your text for the public was sent back."),
        Message("Read the reason, correct the text, and submit it again."),
    ),
    PROPOSED: (
        Message("Somebody was proposed as a reviewer."),
        Message("A second person has to confirm within thirty days, or to drop the proposal."),
    ),
    GRANTED: (
        Message("You are a reviewer now."),
        Message("Your overview shows what waits for your decision, and how to name a deputy."),
    ),
}
_LANGUAGES = ("de", "en")
_DEPUTY = Message("You get this message in place of a reviewer who is away.")
_FOOTER = Message("Sign in to read more. This message names no figures and no findings.")


def tell(event: str, object_id: str) -> None:
    """Queue the messages of an event; whatever is wrong with them is no error of the caller."""
    queue(send, event, object_id)


def queue(job: Callable[[str, str], int], event: str, object_id: str) -> None:
    """Queue a job that tells of an event; a queue that is out is no error of the caller.

    Without a sender there is no job: each costs the worker a second of starting up.
    """
    if not config.get("smtp.mail_from"):
        log.info("No notices of %s: smtp.mail_from is not configured.", event)
        return
    try:
        tk.enqueue_job(job, [event, object_id], title=f"notice {event}")
    except RedisError:
        log.warning("The notices of %s were not queued.", event)


def send(event: str, object_id: str) -> int:
    """The job: tell everybody whom an event concerns.

    Args:
        event: what happened.
        object_id: id of the submission, of the release (withdrawn), of the standing approval, of
            the proposal of a reviewer, or of the comment.

    Returns:
        How many messages left the portal.
    """
    found = _concerned(event, object_id)
    return deliver(*found) if found is not None else 0


def deliver(event: str, people: list[str], released_id: str | None, link: str) -> int:
    """Send the messages of an event to people, and to who stands in for them.

    Args:
        event: what happened.
        people: ids of those whom it concerns.
        released_id: the released dataset whose title may be told, if there is one.
        link: where to go.

    Returns:
        How many messages left the portal.
    """
    if not config.get("smtp.mail_from"):
        log.warning("No notices of %s were sent: smtp.mail_from is not configured.", event)
        return 0
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
    if event in (PROPOSED, GRANTED):
        return _about_roles(event, object_id)
    if event == COMMENTED:
        return _about_comment(object_id)
    submission = Submission.get(object_id)
    if submission is None or model.Package.get(submission.dataset_id) is None:
        return None
    if event == SUBMITTED:
        return _for_reviewers(submission)
    if event == CLEARED:
        return _for_publishers(submission)
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


def _about_roles(event: str, proposal_id: str) -> _Concerned | None:
    """Operators who may confirm a proposal; the candidate once it is confirmed."""
    proposal = model.Session.get(_people_model.Candidacy, proposal_id)
    if proposal is None:
        return None
    if event == GRANTED:
        link = tk.url_for("dashboard.datasets", qualified=True)
        return event, [proposal.user_id], None, link
    query = sa.select(model.User.id).where(
        model.User.sysadmin.is_(True),
        model.User.state == "active",
        model.User.id.not_in((proposal.user_id, proposal.proposed_by)),
    )
    link = tk.url_for("sozialdaten_people.roles", qualified=True)
    return event, list(model.Session.scalars(query)), None, link


def _about_comment(comment_id: str) -> _Concerned | None:
    """Who submitted and who asked back, without the author."""
    comment = model.Session.get(_people_model.Comment, comment_id)
    submission = Submission.newest(comment.working_copy_id) if comment else None
    if comment is None or submission is None:
        return None
    staff = _for_staff(COMMENTED, comment.working_copy_id, submission.submitted_by)
    if staff is not None and comment.user_id != submission.submitted_by:
        return staff
    asked = _roles.asked_back(comment.working_copy_id)
    people = [user for user in asked if Reviewer.current(user) and user != comment.user_id]
    link = tk.url_for("sozialdaten_gate.review", submission_id=submission.id, qualified=True)
    return COMMENTED, people, _released(comment.working_copy_id), link


def _for_publishers(submission: Submission) -> _Concerned:
    """The publishers of the organisation who are neither submitter nor reviewer nor writer."""
    link = tk.url_for("sozialdaten_gate.review", submission_id=submission.id, qualified=True)
    before = {submission.submitted_by, submission.decided_by}
    before |= _writers.writers(submission.dataset_id)
    named = _publishers.publishers_of(submission.dataset_id)
    people = [user_id for user_id in named if user_id not in before]
    return CLEARED, people, _released(submission.dataset_id), link


def _letter(
    language: str, texts: tuple[Message, Message], title: str, link: str, *, deputy: bool
) -> str:
    """The message in one language: what happened, what to do, where, and why so little."""
    lines = [" ".join(text.both()[language] for text in texts), ""]
    lines += [*([title] if title else []), link, ""]
    lines += [_DEPUTY.both()[language]] if deputy else []
    return "\n".join([*lines, _FOOTER.both()[language], str(config["ckan.site_title"])])


def _mail(event: str, user_id: str, released_id: str | None, link: str, *, deputy: bool) -> int:
    user = model.User.get(user_id)
    if user is None or user.state != "active" or not user.email:
        return 0
    live = latest_release(released_id) if released_id else None
    title = str(live.record["public"]["title"]) if live else ""
    happened, todo = _TEXTS[event]
    subject = happened.both()
    parts = [
        _letter(language, (happened, todo), title, link, deputy=deputy) for language in _LANGUAGES
    ]
    try:
        mailer.mail_user(user, f"{subject['de']} / {subject['en']}", "\n\n-- \n\n".join(parts))
    except (mailer.MailerException, OSError):
        log.warning("A notice of %s was not sent: the mail server refused it.", event)
        return 0
    return 1
