Nobody approves what they wrote: editors of a working copy are noted, by account and by mailbox. Reviewers ask back, staff answer,
two signed-in administrators give the reviewer role, reviewers approve open official sources in advance, and mails tell what waits.
