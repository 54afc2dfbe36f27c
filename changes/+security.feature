Security: headers with a strict content policy, limits on passwords and requests, scopes and a longest life of API tokens, uploads checked by ending and content, one guarded door to the web, an audit of the packages, a rule on formulas in texts.
Formulas in uploaded files forbid a release until one click has turned them into values; exports write no text that a spreadsheet runs.
