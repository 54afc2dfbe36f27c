Sozialbericht: goals and measures beside the figures and frozen editions with unchanging files, each approved by a second person.
