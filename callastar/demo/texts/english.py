"""Creators who write in English, from Britain and the United States."""

from callastar.demo.texts.sheet import Kind, Sheet

PRIYA = Sheet(
    slug="priya-nair",
    name="Priya Nair",
    email="priya@example.com",
    timezone="Europe/London",
    locale="en",
    country="GB",
    currency="GBP",
    category="comedy",
    expertise="Stand-up comedian and podcast host",
    bio=(
        "I tell jokes about spreadsheets to people who came for the free crisps.\n\n"
        "Bring me your best man’s speech, your first five minutes or your worst date: I will find what is funny "
        "in it and throw out the rest, kindly. I also do excellent birthday roasts, with or without mercy."
    ),
    kinds=(
        Kind(
            title="Punch up my speech",
            description="Weddings, retirements, leaving dos. Send it over beforehand, we rewrite it line by line.",
            minutes=30,
            price=5500,
        ),
        Kind(
            title="Birthday roast",
            description="Tell me three embarrassing facts about them. I do the rest, live.",
            minutes=10,
            price=2800,
        ),
        Kind(
            title="Your first tight five",
            description="You perform, I take notes, and you leave with a set you can take to an open mic.",
            minutes=45,
            price=7500,
        ),
    ),
    week=((0, "13:00"), (1, "13:00"), (2, "17:30"), (3, "13:00"), (6, "14:00"), (6, "15:00")),
    links={
        "instagram": "https://www.instagram.com/priya.nair.demo",
        "tiktok": "https://www.tiktok.com/@priyanairdemo",
    },
)

ROSALIND = Sheet(
    slug="rosalind-achebe",
    name="Rosalind Achebe",
    email="rosalind@example.com",
    timezone="Europe/London",
    locale="en",
    country="GB",
    currency="GBP",
    category="art",
    expertise="Children’s author and illustrator",
    bio=(
        "Fourteen picture books, one very opinionated cat, and ink on everything I own.\n\n"
        "I read portfolios and manuscripts, and I draw with children: they choose the animal and what it has "
        "for breakfast. You keep the drawing.\n\n"
        "If you are stuck on page twelve, so was I. Let us get you to page thirteen."
    ),
    kinds=(
        Kind(
            title="Draw with me",
            description="For children from four. Paper, anything that leaves a mark, and a silly idea.",
            minutes=25,
            price=3500,
        ),
        Kind(
            title="Portfolio review",
            description="Honest notes on ten pieces, and what an art director would ask you next.",
            minutes=40,
            price=6800,
        ),
        Kind(
            title="Your picture book, page by page",
            description="We go through your dummy together: rhythm, page turns, the ending.",
            minutes=60,
            price=9500,
        ),
    ),
    week=((0, "16:00"), (2, "16:00"), (3, "10:30"), (4, "16:00"), (5, "10:00"), (5, "11:15")),
    links={
        "instagram": "https://www.instagram.com/rosalind.achebe.demo",
        "other": "https://rosalind-achebe.example",
    },
)

JORDAN = Sheet(
    slug="jordan-blake",
    name="Jordan Blake",
    email="jordan@example.com",
    timezone="America/Los_Angeles",
    locale="en",
    country="US",
    currency="USD",
    category="gaming",
    expertise="Speedrunner and game streamer",
    bio=(
        "Three world records, two of them still standing, one controller held together with tape.\n\n"
        "Share your screen and I’ll show you the skip you keep missing. Or ask me how to start streaming without "
        "quitting your day job. All games, all levels, no gatekeeping."
    ),
    kinds=(
        Kind(
            title="Fix my run",
            description="Send me a recording. We find the three places where your seconds go.",
            minutes=30,
            price=4000,
        ),
        Kind(
            title="Quick hello and one trick",
            description="Ten minutes, one glitch you didn’t know, and a shout-out on stream if you like.",
            minutes=10,
            price=1500,
        ),
        Kind(
            title="Start your channel",
            description="Gear, schedule, community: what I would do with your budget, step by step.",
            minutes=45,
            price=6500,
        ),
    ),
    week=((0, "09:00"), (1, "16:00"), (2, "09:00"), (3, "16:00"), (4, "10:00"), (5, "09:30")),
    links={
        "x": "https://x.com/jordanblakedemo",
        "tiktok": "https://www.tiktok.com/@jordanblakedemo",
        "other": "https://jordan-blake.example",
    },
)

MARCUS = Sheet(
    slug="marcus-reed",
    name="Marcus Reed",
    email="marcus@example.com",
    timezone="America/New_York",
    locale="en",
    country="US",
    currency="USD",
    category="business",
    expertise="Founder, investor and pitch coach",
    bio=(
        "I started four companies. Two failed loudly, one quietly, and one bought my mother a house.\n\n"
        "I listen to pitches the way investors do: phone in hand, two minutes of patience. Then I help you "
        "rebuild yours around the one thing people remember. Salary talks and career changes too.\n\n"
        "Half of what I earn here goes to a business school in the Bronx."
    ),
    kinds=(
        Kind(
            title="Pitch me",
            description="Five minutes of pitch, twenty-five of straight answers.",
            minutes=30,
            price=15000,
        ),
        Kind(
            title="Negotiate your salary",
            description="We rehearse the conversation until you enjoy it.",
            minutes=20,
            price=9000,
        ),
        Kind(
            title="Idea check",
            description="Is it a business? You will know in a quarter of an hour.",
            minutes=15,
            price=6000,
        ),
    ),
    week=((0, "08:00"), (1, "12:00"), (2, "08:00"), (3, "12:00"), (4, "08:00")),
    links={"x": "https://x.com/marcusreeddemo", "other": "https://marcus-reed.example"},
)

ENGLISH = (PRIYA, ROSALIND, JORDAN, MARCUS)
