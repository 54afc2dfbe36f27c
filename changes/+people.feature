Nobody approves what they wrote: editors of a working copy are noted, by account and by mailbox. Reviewers ask back, staff answer,
two signed-in administrators give the reviewer role, reviewers approve open official sources in advance, and mails tell what waits.
An organisation may want a third person who publishes what a reviewer has approved. Reviewers see for each suppressed cell what an
attacker derives, and old and new descriptions side by side. Withdrawals ask a public reason, which stands where the release and the
dataset stood. Decisions need a signed-in person or a token with the scope `approve`. Staff read what was erased, and when.
