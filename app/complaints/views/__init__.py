"""Pages of complaints (投诉举报页面): the public's, the office's, the home's."""
