"""Rules of complaints (投诉举报规则): words, the machine of states, clocks, the gate of the public form, redaction."""
