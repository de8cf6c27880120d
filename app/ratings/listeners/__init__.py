"""What ratings do on news from others (等级监听), one file a subject."""
