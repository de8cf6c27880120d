"""Seeds (演示数据): the demo world, built through the house's own verbs."""
