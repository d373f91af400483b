"""How each creator of the demo looks: what the drawing needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A face, what it wears and the light around it. `scene` names what the banner shows."""

    skin: str
    shade: str
    hair: str
    hairstyle: str
    clothes: str
    garment: str
    accent: str
    sky: tuple[str, str]
    light: str
    scene: str
    beard: str = ""
    glasses: bool = False
    earrings: bool = False
    lips: str = "#b8524f"
    grin: bool = True


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "camille-delorme": Look(
            skin="#eebf9a", shade="#d79a72", hair="#4a1f2b", hairstyle="waves", clothes="#c2334d",
            garment="wrap", accent="#f7c65c", sky=("#141b4d", "#51307c"), light="#f4a93d", scene="music",
            earrings=True, lips="#c0303f",
        ),
        "yanis-benali": Look(
            skin="#c98f62", shade="#ad7349", hair="#1d1622", hairstyle="crop", clothes="#f0803c",
            garment="zip", accent="#ffe3a3", sky=("#0e2a52", "#1f6a78"), light="#f7b955", scene="peaks",
            beard="stubble",
        ),
        "priya-nair": Look(
            skin="#b97f55", shade="#9c6540", hair="#1b1420", hairstyle="parted", clothes="#f2b33d",
            garment="shirt", accent="#fff1cf", sky=("#2a1650", "#8a2f6b"), light="#ff8f7a", scene="stage",
            earrings=True, lips="#a53a4a",
        ),
        "etienne-marchal": Look(
            skin="#f0c8a8", shade="#d8a380", hair="#b9bccb", hairstyle="swept", clothes="#1c2350",
            garment="turtleneck", accent="#8e97d6", sky=("#101638", "#39407f"), light="#e8b45a", scene="stage",
            beard="full", glasses=True,
        ),
        "elodie-favre": Look(
            skin="#f3cba8", shade="#dca67f", hair="#b4692c", hairstyle="bun", clothes="#f7f1e6",
            garment="chef", accent="#2f7d5b", sky=("#12324a", "#2f7d5b"), light="#f8cf73", scene="leaves",
        ),
        "jordan-blake": Look(
            skin="#8a5a3c", shade="#70452c", hair="#2a1830", hairstyle="curls", clothes="#5b4bd6",
            garment="hoodie", accent="#35d0c5", sky=("#0d1140", "#3b2d96"), light="#35d0c5", scene="pixels",
        ),
        "salma-haddad": Look(
            skin="#e2af84", shade="#c68d61", hair="#1f6f78", hairstyle="scarf", clothes="#f1e3cf",
            garment="wrap", accent="#f2b33d", sky=("#3a1740", "#a7527f"), light="#ffd98a", scene="drapes",
            lips="#ad3f52", grin=False,
        ),
        "nadia-keller": Look(
            skin="#f1c7a6", shade="#d9a17c", hair="#2b1b16", hairstyle="bob", clothes="#24407f",
            garment="blazer", accent="#f4ead6", sky=("#070c2c", "#1d2f7a"), light="#9db4ff", scene="planets",
            glasses=True,
        ),
        "marcus-reed": Look(
            skin="#6d432c", shade="#56321f", hair="#17100f", hairstyle="bald", clothes="#26305f",
            garment="blazer", accent="#ffffff", sky=("#132048", "#6a4a1e"), light="#f6b73c", scene="skyline",
            beard="full",
        ),
        "rosalind-achebe": Look(
            skin="#7b4b30", shade="#613821", hair="#22141a", hairstyle="afro", clothes="#e2654f",
            garment="shirt", accent="#ffd98a", sky=("#123a4c", "#c06a3a"), light="#ffd06b", scene="brush",
            earrings=True, glasses=True, lips="#a33c46",
        ),
        "maelle-kerouan": Look(
            skin="#f7d3b7", shade="#e2ad8a", hair="#c4532a", hairstyle="braid", clothes="#3f8f86",
            garment="vest", accent="#e9f3ec", sky=("#173a5e", "#e0936f"), light="#ffe0a0", scene="shore",
            grin=False,
        ),
        "theo-garnier": Look(
            skin="#eebc94", shade="#d4966c", hair="#2c2023", hairstyle="pompadour", clothes="#16183a",
            garment="bowtie", accent="#c2334d", sky=("#1c0f3a", "#5d2a86"), light="#f4a93d", scene="stage",
            beard="goatee",
        ),
    }
)  # fmt: skip
